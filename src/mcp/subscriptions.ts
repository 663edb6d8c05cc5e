// Owns who is told that the list of tools has changed (G12): whoever listens, and a client that has sent `initialize`.

import { RawJson } from "../../protocol/raw.ts";
import { invalidParams } from "../rpc/params.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import { resultIn } from "./responses.ts";
import { type Revision, STATELESS } from "./revision.ts";

/** Sends a notification. */
type Notify = (method: string, params: object) => void;

const CHANGED = "notifications/tools/list_changed";
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

export class Subscriptions {
  private readonly revision: Revision;
  private readonly notify: Notify;
  /** Those who listen, and whether it is for this. */
  private readonly open = new Map<IncomingRequest, boolean>();

  constructor(revision: Revision, notify: Notify) {
    this.revision = revision;
    this.notify = notify;
  }

  /**
   * Acknowledges a subscriptions/listen, which is answered when dlrpc ends.
   * @param filter its `notifications` @throws DlrpcError INVALID_PARAMS
   */
  listen(request: IncomingRequest, filter: RawJson | undefined): void {
    if (filter?.isObject !== true) throw invalidParams([{ path: "notifications", message: "must be an object" }]);
    const isWanted = (filter.parse() as Record<string, unknown>).toolsListChanged === true;
    const notifications = isWanted ? { toolsListChanged: true } : {};
    this.notify("notifications/subscriptions/acknowledged", { _meta: metaOf(request), notifications });
    this.open.set(request, isWanted);
    request.begin({
      cancel: () => {
        this.open.delete(request);
        request.drop();
      },
    });
  }

  changed(): void {
    if (this.revision.isAgreed) this.notify(CHANGED, {});
    for (const [request, isWanted] of this.open) if (isWanted) this.notify(CHANGED, { _meta: metaOf(request) });
  }

  /** Ends all in order. */
  close(): void {
    for (const request of this.open.keys()) request.resolve(resultIn(STATELESS, {}, metaOf(request)));
    this.open.clear();
  }
}

function metaOf({ id }: IncomingRequest): object {
  return { [SUBSCRIPTION]: new RawJson(Buffer.from(id, "latin1")) };
}
