"""How dates are written, a folder a language, where Django would leave the reader to guess."""
