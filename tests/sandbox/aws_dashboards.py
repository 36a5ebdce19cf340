"""CloudWatch's dashboards: GetDashboard, ListDashboards. They belong to an account and are the same in every region; those
of POST /control/dashboard."""
import json

from .aws_world import OWN_ACCOUNT, AwsError

PAGE = 1000


def arn_of(account, name):
    return "arn:aws:cloudwatch::%s:dashboard/%s" % (account, name)


class DashboardReader:
    """Mixed into CloudWatch (aws_cloudwatch.py)."""

    def do_GetDashboard(self, params, identity, _region):
        name = params["DashboardName"]
        found = self.aws.dashboards.get((identity["account"], name))
        if found is None:
            raise AwsError("ResourceNotFound", "Dashboard %s does not exist" % name, 404)
        return {"DashboardName": name, "DashboardArn": arn_of(identity["account"], name), "DashboardBody": found["body"]}

    def do_ListDashboards(self, params, identity, _region):
        prefix = params.get("DashboardNamePrefix", "")
        found = sorted(
            (n, d) for (account, n), d in self.aws.dashboards.items() if account == identity["account"] and n.startswith(prefix)
        )
        found, more = self._list_page(params, found, PAGE, "dashboards")
        return {
            "DashboardEntries": [
                {"DashboardName": n, "DashboardArn": arn_of(identity["account"], n), "LastModified": d["made"],
                 "Size": len(d["body"])} for n, d in found
            ],
            "NextToken": more,
        }


def add_dashboard(aws, options):
    """From the options of POST /control/dashboard: body is JSON, or the text itself."""
    body = options["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    aws.dashboards[options.get("account", OWN_ACCOUNT), options["name"]] = {"body": text, "made": aws.now()}
    return {"size": len(text)}
