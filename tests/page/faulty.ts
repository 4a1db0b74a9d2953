/** The page's files from a server that does something wrong with one of them. What else it sends is what `npm start` sends. */
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { url } from "./browser.ts";

type Headers = Record<string, string | string[] | undefined>;

/** Answers in place of the server, given what that would send. */
export type Fault = (response: ServerResponse, bytes: Buffer, headers: Headers) => void;

const send = (response: ServerResponse, status: number, headers: Headers, body: Buffer | string = "") => {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
};

const kErrorPage = "<!doctype html><title>Sorry</title><h1>Not here</h1>";

/** The first bytes only; as if that were all, or with a connection that breaks off. */
const cutTo =
  (lengthOf: (length: number) => number, breaksOff = false): Fault =>
  (response, bytes, headers) => {
    const part = bytes.subarray(0, lengthOf(bytes.length));
    if (!breaksOff) return send(response, 200, headers, part);
    response.writeHead(200, { ...headers, "content-length": bytes.length });
    response.write(part, () => response.socket?.resetAndDestroy());
  };

const flipAt =
  (share: number): Fault =>
  (response, bytes, headers) => {
    const flipped = Buffer.from(bytes);
    const at = Math.floor(share * (bytes.length - 1));
    flipped[at] = (flipped[at] as number) ^ 1;
    send(response, 200, headers, flipped);
  };

export const kFaults = {
  "is not there (404)": (response) => send(response, 404, { "content-type": "text/plain" }, "Not Found"),
  "fails on the server (500)": (response) => send(response, 500, { "content-type": "text/html" }, kErrorPage),
  "is a page that says sorry (200, text/html)": (response) =>
    send(response, 200, { "content-type": "text/html" }, kErrorPage),
  "is that page under its own type": (response, _, headers) => send(response, 200, headers, kErrorPage),
  "is empty": cutTo(() => 0),
  "ends after its first bytes": cutTo(() => 8),
  "ends half way": cutTo((length) => length >> 1),
  "lacks its last byte": cutTo((length) => length - 1),
  "breaks off half way": cutTo((length) => length >> 1, true),
  "resets the connection": (response) => response.socket?.resetAndDestroy(),
  "has another first byte": flipAt(0),
  "has another byte near its start": flipAt(0.1),
  "has another byte in its middle": flipAt(0.5),
  "has another last byte": flipAt(1),
} satisfies Record<string, Fault>;

/** Never answers. */
export const silent: Fault = () => {};

export interface Faulty {
  url: string;
  /** What is done with files whose name begins so. It can be changed at any time. */
  faults: Map<string, Fault>;
  /** Changes the policy of every answer. */
  policy: (policy: string) => string;
  /** What was asked for. */
  asked: string[];
}

/** A server that does what it should until it is told otherwise. */
export async function faulty(): Promise<Faulty> {
  const site: Faulty = { url: "", faults: new Map(), policy: (policy) => policy, asked: [] };
  const server = createServer((asked, response) => {
    const path = asked.url ?? "/";
    const name = path.slice(1);
    site.asked.push(name);
    const [, fault] = [...site.faults].find(([start]) => name.startsWith(start)) ?? [];
    request(new URL(path, url), { headers: { "accept-encoding": "identity" } }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const { connection: _, "keep-alive": __, etag: ___, ...headers } = answer.headers;
      const policy = answer.headers["content-security-policy"];
      if (typeof policy === "string") headers["content-security-policy"] = site.policy(policy);
      if (fault) fault(response, Buffer.concat(chunks), headers);
      else send(response, answer.statusCode ?? 500, headers, Buffer.concat(chunks));
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  site.url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  after(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return site;
}
