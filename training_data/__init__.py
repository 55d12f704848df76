"""Material that people write and programs read: the FAQ, dialogues, labelled questions and the demo shop."""
