"""Understanding a message: pure functions of text and context, usable from Python and Jupyter without the web part.

    from careloop.triage.engine.classifier import understand
    understand("我购买的产品出现了质量问题，无法正常使用。")["nature"].label  # "quality"

Nothing in this package imports Django. `rules` judges with weights kept as data, `linear` with a trained model;
both answer through `classifier.Classifier`, and a blend of the two is a classifier again.
"""
