/** The console's addresses, and who may see which before signing in. */
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from './stores/session'

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes: [
      { path: '/sign-in', name: 'sign-in', component: () => import('./views/entrance/SignIn.vue') },
      { path: '/set-up', name: 'set-up', component: () => import('./views/entrance/SetUp.vue') },
      {
        path: '/',
        component: () => import('./views/Shell.vue'),
        children: [
          { path: '', redirect: '/conversations' },
          { path: 'conversations/:id?', name: 'conversations', component: () => import('./views/conversations/ConversationsPage.vue'), props: true },
          { path: 'knowledge/:id?', name: 'knowledge', component: () => import('./views/knowledge/KnowledgePage.vue'), props: true },
        ],
      },
      { path: '/:rest(.*)*', redirect: '/conversations' },
    ],
  })
  router.beforeEach(async (to) => {
    const session = useSession()
    try {
      await session.load()
    } catch {
      // The sign-in page says that the desk cannot be reached, and tries again.
      return to.name === 'sign-in' ? true : { name: 'sign-in', query: { next: to.fullPath } }
    }
    const isEntrance = to.name === 'sign-in' || to.name === 'set-up'
    if (session.me) return isEntrance ? { name: 'conversations' } : true
    if (session.isSetupNeeded) return to.name === 'set-up' ? true : { name: 'set-up' }
    if (to.name === 'sign-in') return true
    return { name: 'sign-in', query: to.fullPath === '/conversations' ? {} : { next: to.fullPath } }
  })
  return router
}
