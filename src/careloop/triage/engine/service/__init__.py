"""A language-model service as another twin of the rules: off unless its operator names an address.

What leaves the machine is one message with personal data masked (`masking`); what comes back is believed only where it
says a label we know (`protocol`); a slow, broken or talkative service is cut off (`client`, `guard`) and changes
nothing: the rules have answered already.
"""
