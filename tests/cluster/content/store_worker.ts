/** Stores and reads an object, with the permissions of a worker. */
import { parseS3Address } from "../../../storage/cluster/content/s3/address.ts";
import { fixedCredentials } from "../../../storage/cluster/content/s3/credentials.ts";
import { S3ContentStore } from "../../../storage/cluster/content/s3/s3_content_store.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(message: string): void;
};

scope.onmessage = async ({ data: endpoint }) => {
  const store = new S3ContentStore({
    address: parseS3Address("s3://bucket", { endpoint }),
    credentials: fixedCredentials({ accessKeyId: "key", secretAccessKey: "secret" }),
  });
  try {
    await store.put("a", [new TextEncoder().encode("0123456789")], { ifAbsent: true });
    const stream = await store.get("a", { length: 10 });
    scope.postMessage(await new Response(stream).text());
  } catch (error) {
    scope.postMessage(`${error} ${(error as Error).cause}`);
  }
  await store.close();
};
