"""How a conversation is written: one set of messages, and for each dialect a reader and a writer of them."""
