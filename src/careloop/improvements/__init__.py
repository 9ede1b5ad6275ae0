"""What the desk learns from its work: questions that no article answers, and the register of improvements."""
