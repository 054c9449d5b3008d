"""What the linear models share: a message's features as one row, how they are fitted, and how they score.

Weights have a row for each feature and one more, the last, for the intercepts; and a column for each label.
"""

from collections.abc import Sequence
from typing import Optional

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression


def rows(messages: Sequence[Message]) -> csr_matrix:
    """The sparse and dense sentence features of each message, side by side."""
    sparse = vstack([message.get_sparse_features(TEXT)[1].features for message in messages])
    dense = csr_matrix([message.get_dense_features(TEXT)[1].features[0] for message in messages])
    return hstack([sparse, dense], format="csr")


def fit(features: csr_matrix, truths: Sequence[Sequence[Optional[bool]]], closeness: float) -> np.ndarray:
    """The weights of a logistic regression for each label by itself.

    `truths` has a list for each label: whether each message has it, None for a message that isn't asked. `closeness`
    to the examples is scikit-learn's C.
    liblinear's dual took a third of the time of its primal and a tenth of a joint fit, and was as accurate, also at
    this coarse tolerance.
    """

    def weights(truth: Sequence[Optional[bool]]) -> np.ndarray:
        asked = [at for at, has_it in enumerate(truth) if has_it is not None]
        regression = LogisticRegression(
            C=closeness, solver="liblinear", dual=True, tol=0.1, class_weight="balanced", random_state=0
        )
        regression.fit(features[asked], [truth[at] for at in asked])
        return np.append(regression.coef_[0], regression.intercept_).astype(np.float32)

    # One after the other: threads would share liblinear's random numbers, and the same data must give the same model.
    return np.array([weights(truth) for truth in truths]).T.copy()


def scores(weights: np.ndarray, message: Message) -> np.ndarray:
    """The log-odds of each label for one message: only the rows of features it has are read."""
    spelling = message.get_sparse_features(TEXT)[1].features
    (vector,) = message.get_dense_features(TEXT)[1].features
    spelt = spelling.data @ weights[spelling.indices]
    return spelt + vector @ weights[spelling.shape[1] : -1] + weights[-1]
