"""STS: who am I, roles of other accounts, roles for a cluster's tokens."""
from .aws_world import AwsError, Denied


class Sts:
    """AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity."""

    def __init__(self, world):
        self.aws = world.aws

    @staticmethod
    def resource(_action, params, _identity, _region):
        return params.get("RoleArn")

    def do_GetCallerIdentity(self, _params, identity, _region):
        return {
            "UserId": identity["user_id"],
            "Account": identity["account"],
            "Arn": identity["arn"],
        }

    def do_AssumeRole(self, params, identity, _region):
        role = self.aws.roles.get(params["RoleArn"])
        trusted = role and (
            identity["account"] in role["trusted"] or identity["arn"] in role["trusted"]
        )
        if not trusted or role["external_id"] not in (None, params.get("ExternalId")):
            raise Denied(params["RoleArn"], None)
        chained = identity["role"] is not None
        return self._session(role, params, 3600 if chained else role["max_s"])

    def do_AssumeRoleWithWebIdentity(self, params, _identity, _region):
        token = self.aws.web_tokens.get(params["WebIdentityToken"])
        if token is None:
            text = (
                "The ID Token provided is not a valid JWT. "
                "(You may see this error if you sent an Access Token)"
            )
            raise AwsError("InvalidIdentityToken", text)
        if token["expires"] <= self.aws.now():
            text = "Token expired: current date/time %d must be before the expiration date/time %d"
            raise AwsError("ExpiredTokenException", text % (self.aws.now(), token["expires"]))
        role = self.aws.roles.get(params["RoleArn"])
        if role is None or not role["web"]:
            text = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            raise AwsError("AccessDenied", text, 403)
        return {
            **self._session(role, params, role["max_s"]),
            "SubjectFromWebIdentityToken": token["subject"],
            "Audience": "sts.amazonaws.com",
            "Provider": "arn:aws:iam::%s:oidc-provider/issuer.example.com" % role["account"],
        }

    def _session(self, role, params, limit_s):
        asked = params.get("DurationSeconds", 3600)
        if asked > limit_s:
            text = "The requested DurationSeconds exceeds the %s."
            limit = "MaxSessionDuration set for this role"
            if limit_s < role["max_s"]:
                limit = "1 hour session limit for roles assumed by role chaining"
            raise AwsError("ValidationError", text % limit)
        name = params["RoleSessionName"]
        arn = "arn:aws:sts::%s:assumed-role/%s/%s" % (role["account"], role["name"], name)
        identity = {
            "account": role["account"],
            "arn": arn,
            "user_id": "%s:%s" % (role["id"], name),
            "role": role["name"],
        }
        key = self.aws.add_key(identity, self.aws.settings["sts_lifetime_s"] or asked)
        return {
            "Credentials": {
                "AccessKeyId": key.id,
                "SecretAccessKey": key.secret,
                "SessionToken": key.token,
                "Expiration": key.expires,
            },
            "AssumedRoleUser": {"AssumedRoleId": identity["user_id"], "Arn": arn},
        }
