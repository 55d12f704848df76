"""Which FAQ entry answers a question and how sure we are; and how entries are edited and published."""
