from careloop.accounts.models.people import Role, User
from careloop.accounts.models.presence import Presence, Shift
from careloop.accounts.models.teams import Team, TeamMember
from careloop.accounts.models.tokens import ApiToken

__all__ = ["ApiToken", "Presence", "Role", "Shift", "Team", "TeamMember", "User"]
