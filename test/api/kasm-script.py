"""A script for KasmVNC's developer API, as its users write them: with requests, and without checking the certificate."""

import sys

import requests
import urllib3

urllib3.disable_warnings()
base, user, password = sys.argv[1:4]
api = requests.Session()
api.auth = (user, password)
api.verify = False


def call(api_call, **parameters):
    answer = api.get(f"{base}/api/{api_call}", params=parameters)
    answer.raise_for_status()
    return answer


call("create_user", name="fred", password="123", write="true")
call("update_user", name="fred", write="True", read=1)
users = [
    {"user": f"student{n}", "password": "password123", "write": True, "read": True, "owner": False}
    for n in range(3)
]
api.post(f"{base}/api/create_user", json=users).raise_for_status()
api.post(f"{base}/api/remove_user", json=[{"user": u["user"]} for u in users[1:]]).raise_for_status()
print("users", *sorted(u["user"] for u in call("get_users").json()))
print("twice", api.get(f"{base}/api/create_user", params={"name": "fred", "password": "1"}).status_code)

picture = call("get_screenshot", width=100, height=100, quality=5, deduplicate="true")
print("picture", picture.headers["content-type"], picture.content[:2].hex())
same = call("get_screenshot", width=100, height=100, quality=5, deduplicate="true")
print("same picture", len(same.content))

for name, connections in call("get_bottleneck_stats").json().items():
    for connection, (cpu, cpu_average, network, network_average) in connections.items():
        print("stats", name, min(cpu, cpu_average, network, network_average) >= 0)
frame = call("get_frame_stats", client="none").json()
print("frame", frame["frame"]["resx"], [p["process_name"] for p in frame["server_side"]][:2])
print("sessions", [s["username"] for s in call("get_sessions").json()["users"]])
print("memory", call("system/stats").json()["memory"]["total"] > 0)
for name in ("send_full_frame", "clear_clipboard"):
    print(name, call(name).text)
for name in ("fred", "student0"):
    call("remove_user", name=name)
