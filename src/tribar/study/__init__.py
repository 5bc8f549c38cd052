"""The study: the loop of ask and tell, its journal, the ranking of trials and the winner's luck."""
