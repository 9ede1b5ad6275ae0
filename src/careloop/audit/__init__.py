"""Who read what is nobody's business without a reason: reads of sensitive conversations leave a row."""
