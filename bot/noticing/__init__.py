"""What the bot notices about a customer beyond the question: rules over text, without Rasa and without a clock."""
