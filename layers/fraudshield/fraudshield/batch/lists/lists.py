"""The lists that a job's rules ask: written with its plan, as of then, and read by each chunk."""

from dataclasses import dataclass

from fraudshield.batch.lists.table import DigestTable, Tables
from fraudshield.batch.plan import Plan, folder
from fraudshield.batch.port import Files
from fraudshield.errors import NotFound
from fraudshield.value_list.port import WholeLists


@dataclass(frozen=True, slots=True)
class JobLists:
    """The lists of any job. `lists` are those of the store."""

    files: Files
    lists: WholeLists

    def prepare(self, plan: Plan) -> None:
        """Writes each list that a rule asks once, as it is when the job is planned.

        Raises StoreUnavailable, FilesUnavailable: to be tried again.
        """
        for name in _names(plan):
            self.files.put(_key(plan, name), b"".join(self.lists.digests(name, plan.decided_at)))

    def of(self, plan: Plan) -> Tables:
        """The lists as they were prepared. Raises NotFound where they have aged out, FilesUnavailable."""
        found: dict[str, DigestTable] = {}
        for name in _names(plan):
            content = self.files.get(_key(plan, name))
            if content is None:
                raise NotFound(f"The lists of {plan.job_id} are gone")
            found[name] = DigestTable(content)
        return found


def _names(plan: Plan) -> list[str]:
    return sorted({one.list_name for one in plan.policy.asked(plan.decided_at).lists})


def _key(plan: Plan, name: str) -> str:
    return f"{folder(plan.job_id, plan.plan_id)}lists/{name}"
