class ArrivalLog:
    def receive(self, sequence: int, now_ms: float) -> None: ...
    def feedback(self, a: int, b: int) -> list[bytes]:
        return []
