"""Amazon Managed Prometheus: /workspaces/ID/api/v1/..., signed for `aps`, in front of a real Prometheus server.

Setting `aps_upstream` is the address of that server; without it no workspace exists. A call is recorded and judged as those
of the other services are, as aps:QueryMetrics; its faults are those of "aps.QueryMetrics", of faults.py.
"""
import json
import re
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from . import faults as fault
from .aws_world import AwsError

PATH = re.compile(r"/workspaces/[\w-]+(/api/v1/(query|query_range))")
ACTION = "aps:QueryMetrics"


class ManagedPrometheus:
    """Who may ask is decided here, what is answered elsewhere."""

    def __init__(self, world, faults, judge):
        self.world, self.aws, self.faults, self.judge = world, world.aws, faults, judge

    async def serve(self, request, body, entry):
        entry.update(service="aps", action="QueryMetrics", params=dict(parse_qsl(body.decode("utf-8", "replace"))))
        try:
            path = self._allowed(request, body, entry)
        except AwsError as refused:
            entry.update(status=refused.status, error=refused.code, message=refused.message)
            self.world.changed()
            return web.json_response(
                {"message": refused.message}, status=refused.status, headers={"x-amzn-ErrorType": refused.code}
            )
        action = self.faults.take("aps.QueryMetrics", entry["params"], entry["number_on_connection"])
        if action and fault.before_effect(action):
            entry.update(fault=action["do"], status=action.get("status"))
            return await fault.answer(request, action, None)
        status, text = await self._ask(path, body)
        entry["status"] = status
        self.world.changed()
        if action:
            entry["fault"] = action["do"]
            return await fault.answer(request, action, text, status=status)
        return web.Response(status=status, text=text, content_type="application/json")

    def _allowed(self, request, body, entry):
        """The path behind the workspace; raises AwsError for those who may not ask."""
        key, region = self.judge.signer("aps", request.method, request.raw_path, request.headers, body)
        entry.update(account=key.identity["account"], region=region, principal=key.identity["arn"], key=key.id)
        found = PATH.fullmatch(request.path)
        if not found or not self.aws.settings["aps_upstream"]:
            raise AwsError("ResourceNotFoundException", "Workspace not found", 404)
        if request.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            raise AwsError("ValidationException", "a form is expected", 400, judged="protocol")
        if self.aws.denied(key.identity, ACTION):
            text = "User: %s is not authorized to perform: %s" % (key.identity["arn"], ACTION)
            raise AwsError("AccessDeniedException", text, 403)
        return found[1]

    async def _ask(self, path, body):
        url = self.aws.settings["aps_upstream"].rstrip("/") + path
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError as error:
            return 503, json.dumps({"message": str(error)})
