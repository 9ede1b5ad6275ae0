from careloop.triage.models.prediction import Correction, Prediction, PredictionQuerySet
from careloop.triage.models.review import ReviewAnswer, ReviewItem, ReviewItemQuerySet
from careloop.triage.models.service_day import ServiceDay
from careloop.triage.models.taxonomy import TaxonomyChange, TaxonomyLabel, TaxonomyPack
from careloop.triage.models.threshold import HeadThreshold
from careloop.triage.models.version import ModelComparison, ModelStanding, ModelVersion, Origin, TrainingRun
from careloop.triage.models.week import CountedUpTo, WeekOfAnswers

__all__ = [
    "Correction",
    "CountedUpTo",
    "HeadThreshold",
    "ModelComparison",
    "ModelStanding",
    "ModelVersion",
    "Origin",
    "Prediction",
    "PredictionQuerySet",
    "ReviewAnswer",
    "ReviewItem",
    "ReviewItemQuerySet",
    "ServiceDay",
    "TaxonomyChange",
    "TaxonomyLabel",
    "TaxonomyPack",
    "TrainingRun",
    "WeekOfAnswers",
]
