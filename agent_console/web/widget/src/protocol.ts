/** The wire formats of docs/api.md (sections 1, 2 and 4) as a customer sees them. */

export type Holder = "bot" | "queue" | "nobody" | `agent:${string}`;

export interface Conversation {
  id: string;
  holder: Holder;
  holder_version: number;
  agent: { id: string; name: string } | null;
  head_seq: number;
  opened_at: string;
  closed_at: string | null;
  rated: boolean;
}

export interface Question {
  entry_id: string;
  question: string;
}

export interface Order {
  order_no: string;
  state?: string;
  state_text?: string;
  placed_at?: string;
  amount?: number | string;
  items?: { title: string; option?: string; quantity?: number; price?: number | string; image?: string }[];
}

export interface Product {
  product_id: string;
  title?: string;
  price?: number | string;
  image?: string;
}

export type Body =
  | { type: "text"; text: string; entry_id?: string }
  | { type: "image"; upload_id: string; url: string; width: number; height: number }
  | ({ type: "product" } & Product)
  | { type: "order"; text?: string; order?: Order; order_no?: string }
  | {
      type: "answer";
      text: string;
      html?: string | null;
      entry_id: string;
      question?: string;
      related?: Question[];
    }
  | { type: "did_you_mean"; text: string; options: Question[] }
  | { type: "choices"; text: string; choices: { label: string; say: string }[] }
  | { type: "order_picker"; text: string; orders: Order[] }
  | {
      type: "logistics";
      text?: string;
      order_no: string;
      carrier?: string;
      tracking_no?: string;
      status?: string;
      traces: { at: string; text: string }[];
    };

export interface Author {
  role: "customer" | "bot" | "agent" | "system";
  id?: string;
  name?: string | null;
}

/** A log entry; one that is for staff only arrives as the stub `{conversation_id, seq, kind: "hidden"}`. */
export interface LogEvent {
  conversation_id: string;
  seq: number;
  kind: string;
  id?: string;
  at?: string;
  author?: Author;
  client_msg_id?: string | null;
  body?: Record<string, unknown>;
}

export interface Receipt {
  client_msg_id: string;
  message_id: string;
  seq: number;
  conflict?: boolean;
}

export interface Waiting {
  position: number;
  estimate_seconds: { low: number; high: number } | null;
}

export interface Session {
  customer: { id: string; name: string | null; level: string | null; guest: boolean };
  conversation: Conversation;
  visitor: string;
  ticket: string;
  socket_url: string;
  greeting: string;
  hot_questions: Question[];
  app: { name: string; color: string | null; logo: string | null };
}

export interface Past {
  id: string;
  opened_at: string;
  closed_at: string | null;
  last_text: string | null;
}

/** One socket frame; `d` depends on `t`. */
export interface Frame {
  v: 1;
  t: string;
  id?: string;
  c?: string;
  seq?: number;
  d: Record<string, unknown>;
}
