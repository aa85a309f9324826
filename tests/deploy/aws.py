"""One call to AWS: aws.py SERVICE OPERATION ARGUMENTS prints the answer; arguments and answer are JSON."""

import json
import sys

import boto3

service, operation, arguments = sys.argv[1:]
answer = getattr(boto3.client(service), operation)(**json.loads(arguments))
json.dump(answer, sys.stdout, default=str)
