"""The bot: what the customer means and what the dialogue does next, on Rasa 3.6 in its own Python 3.10."""
