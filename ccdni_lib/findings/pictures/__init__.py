"""What all figures share: style, themes, alternative texts, small files."""
