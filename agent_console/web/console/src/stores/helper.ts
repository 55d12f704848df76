/** What the helper panel looks up and does for an agent: the customer, his orders and parcels, answers that may fit. */
import { defineStore } from 'pinia'
import * as customers from '@/connection/customer_api'
import * as api from '@/connection/desk_api'

export const useHelper = defineStore('helper', () => ({
  customer: api.customer,
  orders: api.orders,
  logistics: api.logistics,
  suggestions: api.suggestions,
  afterSales: customers.afterSales,
  act: customers.act,
  note: customers.note,
  unanswered: customers.unanswered,
}))
