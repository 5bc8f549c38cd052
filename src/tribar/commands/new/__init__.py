"""tribar new and tribar upgrade: a repository of one's own that uses the installed package."""
