/**
 * Pages of the server as documents. By XMLHttpRequest, whose documents run no script and which
 * Trusted Types have nothing against, unlike text that is parsed.
 */

/** A document, its status, and the address that it came from in the end. */
export interface Fetched {
  document: Document;
  status: number;
  url: string;
}

/** A request for a page. */
export interface PageRequest {
  url: string;
  method?: string;
  body?: FormData | URLSearchParams;
  /** Sent by the page itself, not by the user: it does not count as use of the session. */
  following?: boolean;
}

/**
 * Fetches a page.
 *
 * @throws {Error} where no page arrives; an error page counts as a page
 */
export function fetchPage({ url, method = "GET", body, following }: PageRequest): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.responseType = "document";
    xhr.setRequestHeader("Accept", "text/html");
    if (following) xhr.setRequestHeader("X-Following", "1");
    xhr.timeout = 30_000;
    xhr.onload = () => {
      const document: Document | null = xhr.responseXML;
      if (document) resolve({ document, status: xhr.status, url: xhr.responseURL });
      else reject(new Error(`The server answered ${xhr.status}`));
    };
    xhr.onerror = xhr.ontimeout = () => reject(new Error("The server cannot be reached"));
    xhr.send(body ?? null);
  });
}
