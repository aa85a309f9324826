"""A receiver of webhooks with boto3: check the token, parse, put once, answer. `tests/bench` measures Trunkline against it.

The loop at the end speaks Lambda's Runtime API with the standard library, which starts sooner than AWS's own client.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os

import boto3

TABLE = os.environ["EVENTS_TABLE"]
DIGEST = os.environ["TOKEN_DIGEST"]
client = boto3.client("dynamodb")


def receive(request, _context):
    """One request of API Gateway's REST proxy integration."""
    token = (request["queryStringParameters"] or {}).get("token", "")
    if not hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), DIGEST):
        return answer(401, {"status": "refused"})
    body = base64.b64decode(request["body"]) if request["isBase64Encoded"] else request["body"].encode()
    event = json.loads(body)
    # OnSIP's names, else Opentact's.
    payload, call = event.get("payload") or {}, event.get("call") or {}
    identity = event.get("id") or event["uuid"]
    item = {
        "pk": {"S": payload.get("callId") or call["uuid"]},
        "sk": {"S": identity},
        "type": {"S": event["type"]},
        "from": {"S": payload.get("fromUri") or call["from"]},
        "to": {"S": payload.get("toUri") or call["to"]},
        "occurred": {"S": event.get("createdAt") or event["created_on"]},
        "body": {"B": body},
    }
    try:
        client.put_item(
            TableName=TABLE,
            Item=item,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except client.exceptions.ConditionalCheckFailedException:
        return answer(200, {"status": "duplicate", "id": identity})
    return answer(200, {"status": "stored", "id": identity})


def answer(status, body):
    """An answer as API Gateway reads it."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def main():
    """Asks for a request, answers it, asks for the next."""
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    invocations = "/2018-06-01/runtime/invocation/"
    while True:
        runtime.request("GET", invocations + "next")
        invocation = runtime.getresponse()
        request = json.loads(invocation.read())
        answered = json.dumps(receive(request, None)).encode()
        runtime.request("POST", invocations + invocation.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", answered)
        runtime.getresponse().read()


if __name__ == "__main__":
    main()
