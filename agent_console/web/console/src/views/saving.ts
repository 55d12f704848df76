import { ref } from 'vue'
import { useWords } from './words'

/** A form that is saved: busy meanwhile, and in words what went wrong; what was typed stays. */
export function useSaving() {
  const { explain } = useWords()
  const isBusy = ref(false)
  const trouble = ref('')
  async function saving(work: () => Promise<void>) {
    isBusy.value = true
    trouble.value = ''
    try {
      await work()
    } catch (error) {
      trouble.value = explain(error)
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, trouble, saving }
}
