// Owns a site with TLS, which only a proxy knows the way to, and an authority that nobody else trusts.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createProxy } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { join } from "node:path";

export const PAGE = "as planned";

export class Site implements Disposable {
  /** Of a name that no resolver knows. */
  readonly url = "https://site.test/";
  readonly proxy: string;
  /** The path of the certificate that the site's is verified with. */
  readonly authorities: string;
  private readonly servers: readonly Server[];

  private constructor(proxy: string, authorities: string, servers: readonly Server[]) {
    this.proxy = proxy;
    this.authorities = authorities;
    this.servers = servers;
  }

  /** @param directory for the certificate */
  static async open(directory: string): Promise<Site> {
    const [keyFile, authorities] = [join(directory, "site.key"), join(directory, "site.pem")];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const name = ["-subj", "/CN=site.test", "-addext", "subjectAltName=DNS:site.test"];
    const files = ["-keyout", keyFile, "-out", authorities];
    execFileSync("openssl", ["req", ...kind, ...name, ...files], { stdio: "pipe" });
    const certificate = { key: readFileSync(keyFile), cert: readFileSync(authorities) };
    const site = createServer(certificate, (_request, response) => response.end(PAGE));
    const sitePort = await listen(site);
    const proxy = createProxy().on("connect", (request, client) => {
      if (request.url !== "site.test:443") {
        client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
        return;
      }
      const server = connect(sitePort, "127.0.0.1", () => client.write("HTTP/1.1 200 Connected\r\n\r\n"));
      client.pipe(server).pipe(client);
      // Whoever hangs up, in whatever way, has had what it wanted; what it had is the test's to judge.
      client.on("error", () => server.destroy());
      server.on("error", () => client.destroy());
    });
    return new Site(`http://127.0.0.1:${await listen(proxy)}`, authorities, [site, proxy]);
  }

  [Symbol.dispose](): void {
    for (const server of this.servers) server.close();
  }
}

/** @returns the port */
async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
