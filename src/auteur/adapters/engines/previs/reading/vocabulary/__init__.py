"""The words of each language as data, one file a language, and the code that loads them."""
