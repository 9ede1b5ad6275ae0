from careloop.triage.models.prediction import Correction, Prediction, PredictionQuerySet
from careloop.triage.models.review import ReviewAnswer, ReviewItem, ReviewItemQuerySet
from careloop.triage.models.threshold import HeadThreshold

__all__ = [
    "Correction",
    "HeadThreshold",
    "Prediction",
    "PredictionQuerySet",
    "ReviewAnswer",
    "ReviewItem",
    "ReviewItemQuerySet",
]
