"""What is counted: controller-runtime's names where they exist, `katalog_` for the rest.

In: calls of `observe.Metrics`. Out: families of numbers, which `exposition` shows to Prometheus.
Counters of the known controllers exist from the start, at zero, so that rates and alerts work
before the first event. Nothing of Prometheus is loaded for it.
"""

from __future__ import annotations

from katalog_runtime.bundle import Bundle
from katalog_runtime.metric_values import CounterValues, HistogramValues
from katalog_runtime.observe import ReconcileResult

RESULTS: tuple[ReconcileResult, ...] = ("success", "error", "requeue", "requeue_after")

# controller-runtime's buckets for reconciles, and client-go's for the queue.
_RECONCILE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_QUEUE_BUCKETS = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


class OperatorMetrics:
    """Implements `observe.Metrics`; see there for what each call means."""

    def __init__(self, bundle: Bundle, *, host: str = "") -> None:
        """Args: `host` labels our requests to the API server."""
        self.families: list[CounterValues | HistogramValues] = []
        self._host = host

        def counter(name: str, text: str, *labels: str) -> CounterValues:
            made = CounterValues(name, text, labels)
            self.families.append(made)
            return made

        def histogram(
            name: str, text: str, bounds: tuple[float, ...], *labels: str
        ) -> HistogramValues:
            made = HistogramValues(name, text, labels, bounds)
            self.families.append(made)
            return made

        self._total, self._errors, self._panics, self._seconds = (
            counter("controller_runtime_reconcile_total", "Reconciles", "controller", "result"),
            counter("controller_runtime_reconcile_errors_total", "Failed reconciles", "controller"),
            counter("controller_runtime_reconcile_panics_total", "Bugs survived", "controller"),
            histogram("controller_runtime_reconcile_time_seconds", "Seconds per reconcile",
                      _RECONCILE_BUCKETS, "controller"),
        )  # fmt: skip
        self._added, self._retried, self._waited, self._worked = (
            counter("workqueue_adds_total", "Keys added", "name"),
            counter("workqueue_retries_total", "Keys put back with a delay", "name"),
            histogram("workqueue_queue_duration_seconds", "Seconds in the queue",
                      _QUEUE_BUCKETS, "name"),
            histogram("workqueue_work_duration_seconds", "Seconds of work", _QUEUE_BUCKETS, "name"),
        )  # fmt: skip
        self._overflowed = counter(
            "katalog_queue_overflow_total", "Keys swept in later", "controller"
        )
        for each in bundle.controllers:
            for result in RESULTS:
                self._total.add(each.name, result, amount=0)
            for counted in (self._errors, self._panics, self._added, self._retried,
                            self._overflowed):  # fmt: skip
                counted.add(each.name, amount=0)
            for timed in (self._seconds, self._waited, self._worked):
                timed.known(each.name)
        self._writes = counter("katalog_writes_total", "Writes by outcome",
                               "controller", "verb", "resource", "outcome")  # fmt: skip
        self._repairs = counter("katalog_drift_repairs_total", "Drifted children applied again",
                                "controller", "resource")  # fmt: skip
        self._watch_ends = counter("katalog_watch_ends_total", "Watches ended, by cause",
                                   "controller", "resource", "cause")  # fmt: skip
        self._lists = counter("katalog_lists_total", "Full lists", "controller", "resource")
        self._list_repairs = counter("katalog_list_repairs_total", "Objects a list had to correct",
                                     "controller", "resource")  # fmt: skip
        self._events = counter("katalog_events_total", "Events by outcome", "outcome")
        self._requests = counter("rest_client_requests_total", "Requests to the API server",
                                 "code", "method", "host")  # fmt: skip
        self._request_seconds = histogram(
            "rest_client_request_duration_seconds", "Seconds to the answer", _RECONCILE_BUCKETS,
            "verb", "host",
        )  # fmt: skip
        for outcome in ("written", "failed", "spared", "dropped"):
            self._events.add(outcome, amount=0)

    def reconciled(self, controller: str, result: ReconcileResult, seconds: float) -> None:
        """See `observe.Metrics`."""
        self._total.add(controller, result)
        self._seconds.observe(seconds, controller)
        if result == "error":
            self._errors.add(controller)

    def panicked(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._panics.add(controller)

    def queue_added(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._added.add(controller)

    def queue_taken(self, controller: str, waited_seconds: float) -> None:
        """See `observe.Metrics`."""
        self._waited.observe(waited_seconds, controller)

    def queue_done(self, controller: str, worked_seconds: float) -> None:
        """See `observe.Metrics`."""
        self._worked.observe(worked_seconds, controller)

    def queue_retried(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._retried.add(controller)

    def queue_overflowed(self, controller: str) -> None:
        """See `observe.Metrics`."""
        self._overflowed.add(controller)

    def wrote(self, controller: str, verb: str, resource: str, outcome: str) -> None:
        """See `observe.Metrics`."""
        self._writes.add(controller, verb, resource, outcome)

    def repaired(self, controller: str, resource: str) -> None:
        """See `observe.Metrics`."""
        self._repairs.add(controller, resource)

    def watch_ended(self, controller: str, resource: str, cause: str) -> None:
        """See `observe.Metrics`."""
        self._watch_ends.add(controller, resource, cause)

    def listed(self, controller: str, resource: str, objects: int, repairs: int) -> None:
        """See `observe.Metrics`."""
        del objects  # a gauge of the views
        self._lists.add(controller, resource)
        self._list_repairs.add(controller, resource, amount=repairs)

    def requested(self, method: str, code: str, seconds: float) -> None:
        """A request to the API server was answered, or (`<error>`) was not."""
        self._requests.add(code, method, self._host)
        self._request_seconds.observe(seconds, method, self._host)

    def event(self, outcome: str) -> None:
        """An Event was `written`, refused (`failed`), `spared` as routine, or `dropped`."""
        self._events.add(outcome)
