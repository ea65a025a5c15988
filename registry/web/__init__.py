"""The shell all pages share: layout, navigation, components, errors, locale."""
