"""What a customer's purchases and complaints let one expect: pure arithmetic, importing neither Django nor Careloop.

`rfm` sorts customers by what they did, `bgnbd` forecasts purchases of people who may leave without a word,
`gamma_gamma` what they spend, and `churn` turns a handled complaint into a chance of losing the customer. `learning`
makes a model of one's own table of customers, `learned` predicts with it, `fitness` says how good such chances are.
`docs/customer-models.md` has the formulas, their sources and what was measured.
"""
