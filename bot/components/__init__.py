"""Our parts of Rasa's understanding pipeline; `config.yml` puts them in order."""
