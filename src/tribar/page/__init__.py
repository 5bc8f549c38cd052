"""Pages of HTML that need nothing beside them: elements, figures, style."""
