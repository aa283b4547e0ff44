"""The rules of every process, as tables; knows nothing of databases, pages or mail."""
