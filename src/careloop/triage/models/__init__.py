from careloop.triage.models.prediction import Correction, Prediction, PredictionQuerySet

__all__ = ["Correction", "Prediction", "PredictionQuerySet"]
