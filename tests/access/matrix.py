"""Who may open which page and do which act: written by hand from the domain notes, §2, role by role.

No command writes this file. When a page or an act is added, somebody reads §2 again and adds its row; when
a cell and the product disagree, one of the two is wrong and a person decides which.

One column per visitor, in the order of `COLUMNS`:

    s  a stranger                     i  command centre intake and dispatch
    r  somebody with a receipt        v  command centre supervisor
    a  an account without a post      c  callback agent
    pppp  resident, reporter,         j  joint meeting office
          volunteer, in-service       r  burden relief office
          member                      w  admission reviewer
    ff  grid worker, part-time        l  district leader
    ccc grid lead, secretary,         p  personal information officer
        community worker              y  system administrator
    tt  town dispatcher, leader       e  security administrator
    dd  department handler, lead      u  auditor
"""

from __future__ import annotations

from wangge.organisations.roles import Role

STRANGER, RECEIPT, ACCOUNT = "stranger", "receipt", "account"

COLUMNS: tuple[str, ...] = (
    STRANGER, RECEIPT, ACCOUNT,
    Role.RESIDENT, Role.REPORTER, Role.VOLUNTEER, Role.IN_SERVICE_MEMBER,
    Role.GRID_WORKER, Role.PART_TIME_GRID_WORKER,
    Role.GRID_LEAD, Role.COMMUNITY_SECRETARY, Role.COMMUNITY_WORKER,
    Role.TOWN_DISPATCHER, Role.TOWN_LEADER,
    Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD,
    Role.CENTER_INTAKE, Role.CENTER_SUPERVISOR, Role.CALLBACK_AGENT,
    Role.JOINT_MEETING_OFFICE, Role.RELIEF_OFFICE, Role.ADMISSION_REVIEWER,
    Role.DISTRICT_LEADER, Role.PRIVACY_OFFICER,
    Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR,
)  # fmt: skip

#: What a cell says about opening a page.
#:   o  the page             x  "not part of your post"      .  "no such page for you"
#:   >  sent on              L  asked to sign in             ?  asked for the receipt
#:   P  the address takes forms only
#:
#: `near`: the thing lies in the visitor's area, or with their unit, or is their own. `far`: the nearest
#: thing that does not. Rows without either are about no single thing.
PAGES = """
#                             sra pppp ff ccc tt dd ivc jrw l p yeu
shell:home                    >>> >>>> >> >>> >> >> >>> >>> > > >>>
shell:login                   oo> >>>> >> >>> >> >> >>> >>> > > >>>
shell:logout                  PPP PPPP PP PPP PP PP PPP PPP P P PPP
shell:posts                   LLo oooo oo ooo oo oo ooo ooo o o ooo
shell:password                LLo oooo oo ooo oo oo ooo ooo o o ooo
shell:stay                    PPP PPPP PP PPP PP PP PPP PPP P P PPP
shell:language                PPP PPPP PP PPP PP PP PPP PPP P P PPP
shell:elder                   PPP PPPP PP PPP PP PP PPP PPP P P PPP
shell:healthz                 ooo oooo oo ooo oo oo ooo ooo o o ooo
shell:readyz                  ooo oooo oo ooo oo oo ooo ooo o o ooo
# For a program with a token; for people there is nothing.
metrics:metrics               ... .... .. ... .. .. ... ... . . ...
# Outside a demo there is no style guide.
shell:style_guide             ... .... .. ... .. .. ... ... . . ...
shell:style_guide_grids       ... .... .. ... .. .. ... ... . . ...

# Residents: everybody is one, whatever post they hold; a case is its requester's alone.
resident:home                 ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:board                ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:privacy              ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:grids                ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:grid                 ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:grid_code            ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:report               >>> >>>> >> >>> >> >> >>> >>> > > >>>
resident:report_what          ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:report_where         >>> >>>> >> >>> >> >> >>> >>> > > >>>
resident:report_contact       >>> >>>> >> >>> >> >> >>> >>> > > >>>
resident:report_check         >>> >>>> >> >>> >> >> >>> >>> > > >>>
resident:report_renew         PPP PPPP PP PPP PP PP PPP PPP P P PPP
resident:report_photo    near ooo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ... .... .. ... .. .. ... ... . . ...
resident:follow               ooo oooo oo ooo oo oo ooo ooo o o ooo
resident:account              oo> >>>> >> >>> >> >> >>> >>> > > >>>
resident:mine                 LLo oooo oo ooo oo oo ooo ooo o o ooo
resident:case            near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:receipt         near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:receipt_pdf     near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:my_data         near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:photo           near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:rate            near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:reopen          near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:review          near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:withdraw        near ?oo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:forget               PPP PPPP PP PPP PP PP PPP PPP P P PPP

# Grid workers' phones. A part-time worker never sees whom to visit.
field:home                    LLx xxxx oo xxx xx xx xxx xxx x x xxx
field:report                  LLx xxxx oo xxx xx xx xxx xxx x x xxx
field:reports                 LLx xxxx oo xxx xx xx xxx xxx x x xxx
field:checks                  LLx xxxx oo xxx xx xx xxx xxx x x xxx
field:notices                 LLx xxxx oo xxx xx xx xxx xxx x x xxx
field:notices_read            LLx xxxx PP xxx xx xx xxx xxx x x xxx
field:notice                  LLx xxxx PP xxx xx xx xxx xxx x x xxx
field:case               near LLx xxxx oo xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .. xxx xx xx xxx xxx x x xxx
field:check              near LLx xxxx oo xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .. xxx xx xx xxx xxx x x xxx
field:photo              near LLx xxxx oo xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .. xxx xx xx xxx xxx x x xxx
field:contact                 LLx xxxx Px xxx xx xx xxx xxx x x xxx
# The page for no connection knows nobody.
field:offline                 ooo oooo oo ooo oo oo ooo ooo o o ooo
field:worker                  ooo oooo oo ooo oo oo ooo ooo o o ooo

# The desk: cases for those who work on them or watch over them, never for the relief office, the
# reviewers, the privacy officer, or the system and security administrators.
desk:home                     LLx xxxx >> >>> >> >> >>> >>> > > >>>
desk:queue                    LLx xxxx xx ooo ox oo ooo xxx x x xxx
desk:cases                    LLx xxxx xx ooo oo oo ooo oxx o x xxo
desk:case                near LLx xxxx xx ooo oo oo ooo oxx o x xxo
                         far  LLx xxxx xx ... .. .. ... .xx . x xx.
# On paper as on the page; who reads nothing internal finds no slip for the unit.
desk:print_sheet         near LLx xxxx xx ooo oo oo ooo oxx o x xxo
                         far  LLx xxxx xx ... .. .. ... .xx . x xx.
desk:print_slip          near LLx xxxx xx ooo oo oo oo. oxx o x xxo
                         far  LLx xxxx xx ... .. .. ... .xx . x xx.
# The answer to a registration, for whoever holds the key of its form.
desk:print_receipt            LLx xxxx xx PPP Px xx Pxx xxx x x xxx
# Photos go with the text: leaders and the auditor read neither in full.
desk:photo               near LLx xxxx xx ooo o. oo ooo .xx . x xx.
                         far  LLx xxxx xx ... .. .. ... .xx . x xx.
desk:case_journal        near LLx xxxx xx xxx xx xx xxx xxx x x xxo
                         far  LLx xxxx xx xxx xx xx xxx xxx x x xx.
desk:contact                  LLx xxxx xx PPP Px PP PxP xxx x x xxx
desk:register                 LLx xxxx xx ooo ox xx oxx xxx x x xxx
desk:places                   LLx xxxx xx PPP Px xx Pxx xxx x x xxx
desk:matter_choices           LLx xxxx xx xxx ox xx oxx xxx x x xxx
desk:overview                 LLx xxxx xx xxx oo xx oox oxx o x xxx
# The addresses of the acts' forms lead to the case with the form open.
desk:start_screening     near LLx xxxx xx xxx >x xx >xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:inform              near LLx xxxx xx xxx >x xx >xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:answer              near LLx xxxx xx xxx >x xx >xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:classify            near LLx xxxx xx xxx >x xx >xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:dispatch            near LLx xxxx xx xxx >> xx >xx xxx x x xxx
                         far  LLx xxxx xx xxx .. xx .xx xxx x x xxx
desk:sign                near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:object              near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:handle              near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:feed_back           near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:assign_assist       near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:assist              near LLx xxxx xx >>> >x >> xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:uphold              near LLx xxxx xx xxx xx xx >>x xxx x x xxx
                         far  LLx xxxx xx xxx xx xx ..x xxx x x xxx
desk:reassign            near LLx xxxx xx xxx xx xx >>x xxx x x xxx
                         far  LLx xxxx xx xxx xx xx ..x xxx x x xxx
desk:verify              near LLx xxxx xx xxx >x xx >>x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
desk:pass                near LLx xxxx xx xxx >x xx >>x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
desk:reject_feedback     near LLx xxxx xx xxx >x xx >>x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
desk:call_back           near LLx xxxx xx xxx xx xx xx> xxx x x xxx
                         far  LLx xxxx xx xxx xx xx xx. xxx x x xxx
# Reference, for everybody with a desk, of their own district.
desk:notices                  LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:notices_read             LLx xxxx xx PPP PP PP PPP PPP P P PPP
desk:notice                   LLx xxxx xx PPP PP PP PPP PPP P P PPP
desk:duties                   LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:duty                     LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:organisations            LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:organisation        near LLx xxxx xx ooo oo oo ooo ooo o o ooo
                         far  LLx xxxx xx ... .. .. ... ... . . ...
desk:areas                    LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:area                near LLx xxxx xx ooo oo oo ooo ooo o o ooo
                         far  LLx xxxx xx ... .. .. ... ... . . ...
desk:grid_map            near LLx xxxx xx ooo oo oo ooo ooo o o ooo
                         far  LLx xxxx xx ... .. .. ... ... . . ...
# Lists as files: to whom the list's page is open; without identities. A long one waits for its asker.
desk:exports                  LLx xxxx xx ooo oo oo ooo ooo o o ooo
desk:export_queue             LLx xxxx xx PPP Px PP PPP xxx x x xxx
desk:export_cases             LLx xxxx xx PPP PP PP PPP Pxx P x xxP
desk:export_organisations     LLx xxxx xx PPP PP PP PPP PPP P P PPP
desk:export_duties            LLx xxxx xx PPP PP PP PPP PPP P P PPP
desk:export_areas             LLx xxxx xx PPP PP PP PPP PPP P P PPP
desk:export_journal           LLx xxxx xx xxx xx xx xxx xxx x x xxP
desk:export_looks             LLx xxxx xx xxx xx xx xxx xxx x P xxP
desk:export              near LLx xxxx xx ooo oo oo ooo ooo o o ooo
                         far  LLx xxxx xx ... .. .. ... ... . . ...
desk:export_file         near LLx xxxx xx ooo oo oo ooo ooo o o ooo
                         far  LLx xxxx xx ... .. .. ... ... . . ...
# With identities ("no bulk export, dual approval", §11): who answers for a desk or a unit asks, the
# personal information officer answers.
desk:export_ask               LLx xxxx xx xox ox xo oxo xxx x x xxx
desk:export_approve           LLx xxxx xx xxx xx xx xxx xxx x P xxx
desk:export_refuse            LLx xxxx xx xxx xx xx xxx xxx x P xxx
desk:export_fetch             LLx xxxx xx xPx Px xP PxP xxx x x xxx
# Files of the hotline: the centre's desk takes them in ("screen, dispatch"), each for its own district.
exchange:imports              LLx xxxx xx xxx xx xx oxx xxx x x xxx
exchange:upload               LLx xxxx xx xxx xx xx oxx xxx x x xxx
exchange:run             near LLx xxxx xx xxx xx xx oxx xxx x x xxx
                         far  LLx xxxx xx xxx xx xx .xx xxx x x xxx
exchange:start                LLx xxxx xx xxx xx xx Pxx xxx x x xxx
exchange:drop                 LLx xxxx xx xxx xx xx Pxx xxx x x xxx
exchange:report          near LLx xxxx xx xxx xx xx oxx xxx x x xxx
                         far  LLx xxxx xx xxx xx xx .xx xxx x x xxx
# Oversight, each by one office; the three administrators see nothing of one another's.
desk:admissions               LLx xxxx xx xxx xx xx xxx xoo x x xxx
desk:looks                    LLx xxxx xx xxx xx xx xxx xxx x o xxo
desk:journal                  LLx xxxx xx xxx xx xx xxx xxx x x xxo
desk:accounts                 LLx xxxx xx xxx xx xx xxx xxx x x oxx
desk:security                 LLx xxxx xx xxx xx xx xxx xxx x x xox
# Tokens of programs: made and taken back by the system administrator, whom they tell nothing.
tokens:list                   LLx xxxx xx xxx xx xx xxx xxx x x oxx
tokens:revoke                 LLx xxxx xx xxx xx xx xxx xxx x x Pxx

# Open data for other programs: the same for everybody, whatever cookies they send. Polling needs a key.
open311:about                 ooo oooo oo ooo oo oo ooo ooo o o ooo
open311:root                  >>> >>>> >> >>> >> >> >>> >>> > > >>>
open311:discovery             ooo oooo oo ooo oo oo ooo ooo o o ooo
open311:services              ooo oooo oo ooo oo oo ooo ooo o o ooo
open311:service               ooo oooo oo ooo oo oo ooo ooo o o ooo
open311:requests              ooo oooo oo ooo oo oo ooo ooo o o ooo
# A request that was taken up is open to all wherever it lies; one that nobody has looked at, to none.
open311:request          near ooo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ... .... .. ... .. .. ... ... . . ...
open311:token            near ooo oooo oo ooo oo oo ooo ooo o o ooo
                         far  ... .... .. ... .. .. ... ... . . ...
open311:updates               xxx xxxx xx xxx xx xx xxx xxx x x xxx
"""

#: Where the day of each role begins.
HOMES: dict[str, str] = {
    STRANGER: "resident:home",
    RECEIPT: "resident:home",
    ACCOUNT: "resident:home",
    Role.RESIDENT: "resident:home",
    Role.REPORTER: "resident:home",
    Role.VOLUNTEER: "resident:home",
    Role.IN_SERVICE_MEMBER: "resident:home",
    Role.GRID_WORKER: "field:home",
    Role.PART_TIME_GRID_WORKER: "field:home",
    Role.GRID_LEAD: "desk:queue",
    Role.COMMUNITY_SECRETARY: "desk:queue",
    Role.COMMUNITY_WORKER: "desk:queue",
    Role.TOWN_DISPATCHER: "desk:queue",
    Role.TOWN_LEADER: "desk:overview",
    Role.DEPARTMENT_HANDLER: "desk:queue",
    Role.DEPARTMENT_LEAD: "desk:queue",
    Role.CENTER_INTAKE: "desk:queue",
    Role.CENTER_SUPERVISOR: "desk:queue",
    Role.CALLBACK_AGENT: "desk:queue",
    Role.JOINT_MEETING_OFFICE: "desk:overview",
    Role.RELIEF_OFFICE: "desk:admissions",
    Role.ADMISSION_REVIEWER: "desk:admissions",
    Role.DISTRICT_LEADER: "desk:overview",
    Role.PRIVACY_OFFICER: "desk:looks",
    Role.SYSTEM_ADMIN: "desk:accounts",
    Role.SECURITY_ADMIN: "desk:security",
    Role.AUDITOR: "desk:journal",
}

#: What a cell says about sending a form filled in as a willing clerk would; only `+` changes anything.
#:   +  it is done     x  403     .  404     !  422, the form says what to mend
#:   L  asked to sign in          ?  asked for the receipt
#:
#: How the visitor stands to the case: `own`, their unit leads it (for `assist`: was asked to assist), in
#: their area; `area`, in their area, and another unit leads; `far`, neither. For whom no unit can lead, or
#: whose business is their own request, `near` and `far` as above.
ACTS = """
#                             sra pppp ff ccc tt dd ivc jrw l p yeu
# "Screen, dispatch, rule on objections, supervise": the centre in its district, a town's desk in its town.
desk:start_screening     area LLx xxxx xx xxx +x xx +xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:inform              area LLx xxxx xx xxx +x xx +xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:answer              area LLx xxxx xx xxx +x xx +xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:classify            area LLx xxxx xx xxx +x xx +xx xxx x x xxx
                         far  LLx xxxx xx xxx .x xx .xx xxx x x xxx
desk:dispatch            area LLx xxxx xx xxx ++ xx +xx xxx x x xxx
                         far  LLx xxxx xx xxx .. xx .xx xxx x x xxx
desk:uphold              own  LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         area LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         far  LLx xxxx xx xxx xx xx ..x xxx x x xxx
desk:reassign            own  LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         area LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         far  LLx xxxx xx xxx xx xx ..x xxx x x xxx
# "Sign, object, handle": whoever acts for the unit that leads, and nobody for another.
desk:sign                own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:object              own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:handle              own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:feed_back           own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:assign_assist       own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
desk:assist              own  LLx xxxx xx +++ +x ++ xxx xxx x x xxx
                         area LLx xxxx xx xxx xx .. xxx xxx x x xxx
                         far  LLx xxxx xx ... .x .. xxx xxx x x xxx
# Nobody looks at the work of their own unit.
desk:verify              own  LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         area LLx xxxx xx xxx +x xx ++x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
desk:pass                own  LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         area LLx xxxx xx xxx +x xx ++x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
desk:reject_feedback     own  LLx xxxx xx xxx xx xx ++x xxx x x xxx
                         area LLx xxxx xx xxx +x xx ++x xxx x x xxx
                         far  LLx xxxx xx xxx .x xx ..x xxx x x xxx
# Callback results are nobody else's to make or alter.
desk:call_back           own  LLx xxxx xx xxx xx xx xx+ xxx x x xxx
                         area LLx xxxx xx xxx xx xx xx+ xxx x x xxx
                         far  LLx xxxx xx xxx xx xx xx. xxx x x xxx
# The requester's contact: the lead unit from signing to the end, the town's desk and the centre with a
# purpose; of a confidential report intake and callback alone.
desk:contact             own  LLx xxxx xx +++ +x ++ +x+ xxx x x xxx
                         area LLx xxxx xx xxx +x .. +x+ xxx x x xxx
                         far  LLx xxxx xx ... .x .. .x. xxx x x xxx
desk:contact unsigned    own  LLx xxxx xx xxx xx xx +x+ xxx x x xxx
desk:contact closed      own  LLx xxxx xx xxx xx xx +x+ xxx x x xxx
desk:contact confidential own LLx xxxx xx xxx xx xx +x+ xxx x x xxx
                         area LLx xxxx xx xxx xx .. +x+ xxx x x xxx
# Taking a request in for a place of the post's area.
desk:register            near LLx xxxx xx +++ +x xx +xx xxx x x xxx
                         far  LLx xxxx xx !!! !x xx !xx xxx x x xxx
# A list as a file is an act, and so is each step of one with identities.
desk:export_cases             LLx xxxx xx +++ ++ ++ +++ +xx + x xx+
desk:export_ask               LLx xxxx xx x+x +x x+ +x+ xxx x x xxx
# `far`: another district's for who answers, another's own for who fetches.
desk:export_approve      near LLx xxxx xx xxx xx xx xxx xxx x + xxx
                         far  LLx xxxx xx xxx xx xx xxx xxx x . xxx
desk:export_refuse       near LLx xxxx xx xxx xx xx xxx xxx x + xxx
                         far  LLx xxxx xx xxx xx xx xxx xxx x . xxx
desk:export_fetch        near LLx xxxx xx x+x +x x+ +x+ xxx x x xxx
                         far  LLx xxxx xx x.x .x x. .x. xxx x x xxx
desk:notice              near LLx xxxx xx +++ ++ ++ +++ +++ + + +++
                         far  LLx xxxx xx ... .. .. ... ... . . ...

# "Report, verify on site", in the worker's own grid, and not the work of the worker's own committee.
field:report             near LLx xxxx ++ xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx !! xxx xx xx xxx xxx x x xxx
field:check              own  LLx xxxx xx xxx xx xx xxx xxx x x xxx
                         area LLx xxxx ++ xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .. xxx xx xx xxx xxx x x xxx
field:contact            area LLx xxxx +x xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .x xxx xx xx xxx xxx x x xxx
# Only while they are sent to look.
field:contact signed     area LLx xxxx xx xxx xx xx xxx xxx x x xxx
field:contact confidential area LLx xxxx xx xxx xx xx xxx xxx x x xxx
field:notice             near LLx xxxx ++ xxx xx xx xxx xxx x x xxx
                         far  LLx xxxx .. xxx xx xx xxx xxx x x xxx

# One's own request, as a resident.
resident:rate            near ?++ ++++ ++ +++ ++ ++ +++ +++ + + +++
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:reopen          near ?++ ++++ ++ +++ ++ ++ +++ +++ + + +++
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:review          near ?++ ++++ ++ +++ ++ ++ +++ +++ + + +++
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:withdraw        near ?++ ++++ ++ +++ ++ ++ +++ +++ + + +++
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
resident:my_data         near ?++ ++++ ++ +++ ++ ++ +++ +++ + + +++
                         far  ??? ???? ?? ??? ?? ?? ??? ??? ? ? ???
"""

#: A row as the tests read it: what is visited (an address and perhaps a circumstance), how the visitor
#: stands to it ("" where it is about no single thing), and the cell of each column.
Row = tuple[str, str, dict[str, str]]

_STANDS = {"near", "far", "own", "area"}
#: Columns stand in groups, so that an eye finds its way along a line.
GROUPS = 11


def rows(table: str) -> list[Row]:
    """The table line by line. AssertionError for a line that is not one cell per column."""
    read: list[Row] = []
    what = ""
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        groups = words[-GROUPS:]
        name = words[:-GROUPS]
        stands = name.pop() if name and name[-1] in _STANDS else ""
        what = " ".join(name) or what
        cells = "".join(groups)
        assert len(cells) == len(COLUMNS), f"{len(cells)} cells for {len(COLUMNS)} columns: {line}"
        read.append((what, stands, dict(zip(COLUMNS, cells, strict=True))))
    doubled = [(what, stands) for what, stands, _cells in read]
    assert len(doubled) == len(set(doubled)), "a row stands twice"
    return read


def those_who_try(table: list[Row], what: str, stands: str) -> list[str]:
    """The columns to send to a row: all of them to a thing's first row.

    To its other rows, of those whom the guard turns away wherever the thing lies, one of each kind.
    """
    cells = {stand: cells for name, stand, cells in table if name == what}
    if stands == next(iter(cells)):
        return list(COLUMNS)
    trying: list[str] = []
    turned_away: set[str] = set()
    for column in COLUMNS:
        kinds = {row[column] for row in cells.values()}
        if kinds in ({"x"}, {"L"}):
            if kinds <= turned_away:
                continue
            turned_away |= kinds
        trying.append(column)
    return trying
