/** Goods, orders and parcels inside messages. */
import { h } from "preact";
import { useState } from "preact/hooks";
import type { Body, Order, Product } from "../protocol";
import { useChat } from "./context";
import { Icon } from "./Icon";
import { moment } from "./time";

const money = (amount: number | string | undefined) =>
  amount === undefined || amount === null || amount === "" ? "" : `¥${String(amount).replace(/^[¥￥]/, "")}`;

/** A picture of goods that may be missing: then a parcel stands in. */
export function Goods({ src }: { src: string | undefined }) {
  const [gone, setGone] = useState(false);
  return (
    <span class="goods">
      {src && !gone ? <img src={src} alt="" loading="lazy" onError={() => setGone(true)} /> : <Icon name="parcel" />}
    </span>
  );
}

export const ProductCard = ({ product }: { product: Product }) => (
  <div class="card row">
    <Goods src={product.image} />
    <div class="grow">
      <div class="clip">{product.title ?? product.product_id}</div>
      <b class="price">{money(product.price)}</b>
    </div>
  </div>
);

export function OrderCard({ order }: { order: Order }) {
  const { words } = useChat();
  const [first, ...others] = order.items ?? [];
  const pieces = [first, ...others].reduce((sum, item) => sum + (item?.quantity ?? (item ? 1 : 0)), 0);
  return (
    <div class="order">
      <div class="row small">
        <span class="grow">
          {words.orderNo} {order.order_no}
        </span>
        <span class="state">{order.state_text}</span>
      </div>
      {first && (
        <div class="row">
          <Goods src={first.image} />
          <div class="grow">
            <div class="clip">{first.title}</div>
            <div class="small">
              {[first.option, first.quantity && `×${first.quantity}`].filter(Boolean).join(" ")}{" "}
              {others.length > 0 && words.more(pieces)}
            </div>
          </div>
          <b class="price">{money(order.amount)}</b>
        </div>
      )}
    </div>
  );
}

const FEW = 3;

export function Logistics({ parcel }: { parcel: Extract<Body, { type: "logistics" }> }) {
  const { words, lang } = useChat();
  const [all, setAll] = useState(false);
  const traces = all ? parcel.traces : parcel.traces.slice(0, FEW);
  return (
    <div class="parcel">
      <div class="row small">
        <span class="grow">
          {parcel.carrier} {parcel.tracking_no}
        </span>
        <span class="state">{parcel.status}</span>
      </div>
      <ol class="traces">
        {traces.map((trace) => (
          <li key={trace.at + trace.text}>
            {trace.text}
            <time class="small" dateTime={trace.at}>
              {moment(trace.at, new Date(), lang, words)}
            </time>
          </li>
        ))}
      </ol>
      {traces.length < parcel.traces.length && (
        <button class="link" onClick={() => setAll(true)}>
          {words.traces}
        </button>
      )}
    </div>
  );
}
