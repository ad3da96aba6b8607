"""Who may do what: every route, every caller, every kind of image, against grids written from the specification."""
