"""What the bot does for a customer: one file per topic, each action one entry of `training_data/dialogue/rules.yml`."""
