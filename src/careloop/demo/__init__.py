"""The demo company: a cast and three months of conversations, made of data files and a fixed seed."""
