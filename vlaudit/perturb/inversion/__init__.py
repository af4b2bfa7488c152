"""Small changes of all pictures alike that turn them into one class: backdoors, found backwards."""
