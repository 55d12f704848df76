/** What the helper panel looks up for an agent: the customer, the orders and their parcels, answers that may fit. */
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'

export const useHelper = defineStore('helper', () => ({
  customer: api.customer,
  orders: api.orders,
  logistics: api.logistics,
  suggestions: api.suggestions,
}))
