// ProtocolStreams: where the host's requests come from, and where the answers go.

/** Descriptors that nobody else reads and writes. */
export interface ProtocolStreams {
  readonly inputDescriptor: number;
  readonly outputDescriptor: number;
}
