"""The mails and Jira issues of the sandbox as a person watches them: a few lines for each change."""

BODY_LINES = 8  # of a mail's particulars, and as many of what follows: issue and output
COMMENT_LINES = 4


def head(text, count, indent):
    """The first lines of a text, and how many more there are."""
    lines = [line for line in text.strip().split("\n") if line.strip()]
    more = len(lines) - count
    shown = [indent + line[:110] for line in lines[:count]]
    return shown + ([indent + "… %d more lines" % more] if more > 0 else [])


def mail_lines(mail):
    topic = mail["topic"].rsplit(":", 1)[-1]
    first, title, rest = mail["message"].partition("\nIncident details\n")
    lines = ["✉  mail to %s: %s" % (topic, mail["subject"])] + head(first, BODY_LINES, "     ")
    return lines + head(title + rest, BODY_LINES, "     ")


class Inbox:
    """What was there at the last look. `sites` are the Jira sites that are watched."""

    def __init__(self, sandbox, sites=("cloud", "datacenter")):
        self.sandbox, self.sites = sandbox, sites
        self.mails = 0
        self.issues = {}  # key -> (status, assignee, number of comments, number of links)

    def news(self):
        """[lines, ...]: one list for each thing that is new."""
        mails = self.sandbox.mails()
        found = [mail_lines(mail) for mail in mails[self.mails :]]
        self.mails = len(mails)
        for site in self.sites:
            for issue in self.sandbox.jira_issues(site):
                lines = self._issue_news(site, issue)
                if lines:
                    found.append(lines)
        return found

    def _issue_news(self, site, issue):
        name = (site, issue["key"])
        before = self.issues.get(name)
        now = (issue["status"], issue["assignee"], len(issue["comments"]), len(issue["links"]))
        self.issues[name] = now
        if now == before:
            return []
        title = "▣  Jira %s" % issue["key"]
        if before is None:
            lines = ["%s  [%s]  %s" % (title, issue["status"], issue["summary"])]
            before = (issue["status"], None, 0, 0)
        else:
            lines = []
        if before[0] != now[0]:
            lines.append("%s  %s → %s" % (title, before[0], now[0]))
        if before[1] != now[1]:
            lines.append("%s  assigned to %s" % (title, now[1]))
        for link in issue["links"][before[3] :]:
            lines.append("%s  link: %s" % (title, link["title"]))
        for comment in issue["comments"][before[2] :]:
            lines.append("%s  comment by %s:" % (title, comment["author"]))
            lines += head(comment["text"], COMMENT_LINES, "     ")
        return lines
